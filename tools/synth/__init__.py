"""What tools/synth.py is made of: maps parts of the core for a device with yosys, and measures what comes out."""
