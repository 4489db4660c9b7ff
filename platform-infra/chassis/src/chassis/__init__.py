"""Technical code the platform's services stand on; it knows no word of what they are about."""
