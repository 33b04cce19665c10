Pachyderm 2.0 to 2.11 work as well; what they lack is done another way or refused with the version that is needed.
