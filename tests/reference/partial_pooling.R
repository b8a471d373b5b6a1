# Group effects partially pooled, the spread between groups integrated out: metafor at each spread, the trapezoid rule
# over 4,000 spreads. Run in this folder: Rscript partial_pooling.R
suppressMessages(library(metafor))
source("writing.R")

sets <- list(
  "spread" = list(y = c(-1.2, 0.4, 2.1, 0.9), se = c(.5, .4, .7, .3)),
  "three" = list(y = c(-2, 1.5, .2), se = c(.7, .9, .5)),
  "twelve" = list(y = c(-.42, -.11, .08, -.77, -.25, -.31, .36, -.58, -.02, -.49, -.90, -.15),
                  se = c(.12, .25, .31, .18, .09, .40, .22, .15, .35, .28, .20, .11)),
  "shares" = list(y = asin(sqrt((c(0, 4, 9, 30) + 3/8) / (c(15, 20, 22, 110) + 3/4))), se = 1 / sqrt(4 * c(15, 20, 22, 110) + 2)))
u <- (seq_len(4000) - .5) / 4000
tau <- u / (1 - u)

for (case in names(sets)) {
  s <- sets[[case]]
  fits <- lapply(tau, function(t) rma(yi = s$y, sei = s$se, tau2 = t^2, method = "REML", test = "z"))
  log <- sapply(fits, function(f) as.numeric(logLik(f))) - 2 * log(1 - u)
  chance <- exp(log - max(log)); chance <- chance / sum(chance)
  each <- lapply(fits, blup)
  for (i in seq_along(s$y)) {
    m <- sapply(each, function(b) b$pred[i]); sd <- sapply(each, function(b) b$se[i])
    mean <- sum(chance * m)
    spread <- sqrt(sum(chance * (sd^2 + (m - mean)^2)))
    keep(case, "estimate", mean, arm = i - 1)
    keep(case, "se", spread, arm = i - 1)
    at <- function(tail) uniroot(function(x) sum(chance * pnorm(x, m, sd)) - tail, mean + c(-9, 9) * spread, tol = 1e-10)$root
    keep(case, "low", at(.025), arm = i - 1)
    keep(case, "high", at(.975), arm = i - 1)
  }
}
write_reference("partial_pooling.csv", "metafor")
