Free memory is given back to the system.
