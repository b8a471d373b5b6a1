"""Raw files of every format as views: cells are text as a person would see them."""
