"""Razorpay as Khata sees it: the gateway, its signatures and its news."""
