"""The edge, in and out: the API, Razorpay, the sandbox and the console."""
