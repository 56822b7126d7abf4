"""What MMS add to the HTTP surface: files of media, MMSCs, simulated handsets."""
