"""What ltictl does, one verb a module: plain arguments and collaborators in, a result out."""
