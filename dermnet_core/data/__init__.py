"""Photos: decoding, scanning folders, splitting and feeding them."""
