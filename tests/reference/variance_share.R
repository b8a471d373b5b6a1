# Share of variance between therapists: anova() and qf() in R, and lme4's restricted likelihood where groups are equal.
# Run in this folder: Rscript variance_share.R
suppressMessages(library(lme4))
source("writing.R")
set.seed(20261201)

limits <- function(f, k, n, within, size) {
  theta <- (c(f, f, max(f, 1)) / c(1, qf(.975, k, within), qf(.025, k, within)) - 1) / size
  pmax(theta, 0) / (1 + pmax(theta, 0))
}
for (case in c("equal", "unequal", "alike")) {
  size <- switch(case, equal = rep(8, 9), unequal = c(2, 3, 3, 5, 8, 13, 21, 4), alike = rep(6, 7))
  who <- rep(seq_along(size), size)
  x <- round(rnorm(length(who)), 3)
  own <- switch(case, equal = 2.5, unequal = 2.5, alike = 0) * rnorm(length(size))
  y <- round(x + own[who] + 4 * rnorm(length(who)), 3)
  left <- resid(lm(y ~ x))
  means <- tapply(left, who, mean)
  k <- length(size) - 1; within <- length(y) - length(size) - 1; h <- 1 / mean(1 / size)
  f <- h * var(means) / (sum((left - means[who])^2) / within)
  told <- limits(f, k, length(y), within, h)
  keep(case, "share", told[1]); keep(case, "low", told[2]); keep(case, "high", told[3])
  if (case == "equal") {
    plain <- as.data.frame(VarCorr(lmer(y ~ 1 + (1 | who), control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))))$vcov
    keep("restricted likelihood", "share", plain[1] / sum(plain))
  }
  for (i in seq_along(y)) {
    keep(case, "who", who[i], arm = i - 1); keep(case, "x", x[i], arm = i - 1); keep(case, "y", y[i], arm = i - 1)
  }
}
write_reference("variance_share.csv", "lme4")
