Large uploads take half the processor time in the gateway; into the embedded PFS they are faster by half.
