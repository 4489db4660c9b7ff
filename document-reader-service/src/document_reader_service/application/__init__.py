"""What the service does for its callers, in terms of the domain and of ports; knows no outside tool."""
