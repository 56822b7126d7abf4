"""What accounts may do: the countries they may send to, and India's DLT route."""
