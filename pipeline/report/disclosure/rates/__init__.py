"""The rates of the measure library: which of their counts are shown, told as a range, or hidden."""
