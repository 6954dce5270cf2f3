"""The adapter to Razorpay, against a real local server and published bodies."""
