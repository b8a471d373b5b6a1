# Collects reference numbers as (case, quantity, arm, cause, day, value) and writes them with 15 digits.
rows <- list()

keep <- function(case, quantity, value, arm = NA, cause = NA, day = NA) {
  rows[[length(rows) + 1]] <<- data.frame(case, quantity, arm, cause, day, value = as.numeric(value))
}

write_reference <- function(path, ...) {
  versions <- sapply(c(...), function(p) paste(p, packageVersion(p)))
  all <- do.call(rbind, rows)
  all$value <- format(all$value, digits = 15, trim = TRUE, scientific = TRUE)
  all <- all[!(all$value %in% c("NA", "NaN")), ]
  writing <- file(path, "w")
  writeLines(paste("#", paste(c(R.version.string, versions), collapse = "; ")), writing)
  write.csv(all, writing, row.names = FALSE, quote = FALSE, na = "")
  close(writing)
}
