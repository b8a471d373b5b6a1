# Rubin's rules by mice. Run in this folder: Rscript pooled.R
suppressMessages(library(mice))
source("writing.R")

sets <- list(
  "five" = list(q = c(2.1, 2.6, 1.7, 2.4, 2.2), se = c(.50, .55, .48, .52, .51)),
  "ratio" = list(q = c(.82, .91, .75, .88, .79, .84), se = c(.11, .12, .10, .11, .13, .12)),
  "survival" = list(q = c(.62, .65, .58, .61, .60), se = c(.04, .041, .043, .04, .042)))

for (case in names(sets)) for (df in c(5, 11, 498, Inf)) {
  s <- sets[[case]]
  q <- switch(case, five = s$q, ratio = log(s$q), survival = log(-log(s$q)))
  se <- if (case == "survival") s$se / abs(s$q * log(s$q)) else s$se
  # pool.scalar takes n and counts k = 1 coefficient
  fit <- pool.scalar(q, se^2, n = df + 1, k = 1)
  name <- paste(case, df, sep = "/")
  for (value in c("qbar", "ubar", "b", "t", "df", "fmi")) keep(name, value, fit[[value]])
  half <- qt(.975, fit$df) * sqrt(fit$t)
  ends <- fit$qbar + c(-half, half)
  ends <- switch(case, five = ends, ratio = exp(ends), survival = rev(exp(-exp(ends))))
  keep(name, "low", ends[1])
  keep(name, "high", ends[2])
}
write_reference("pooled.csv", "mice")
