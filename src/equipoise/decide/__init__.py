"""Guards drop options, a chooser picks among the rest and silence, and every answer has a reason."""
