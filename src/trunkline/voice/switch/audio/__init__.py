"""What is played to legs and rooms, and recorded of them."""
