# The normal model of systematic error, by metafor and by optim. Run in this folder: Rscript negative_controls.R
suppressMessages(library(metafor))
source("writing.R")

sets <- list(
  "spread" = list(y = c(.31, -.12, .45, .08, .22, .61, -.05, .17, .38, .02, .27, .53), se = c(.11, .21, .16, .30, .09, .25, .14, .40, .19, .12, .22, .17)),
  "chance only" = list(y = c(.05, -.02, .08, .01, -.04, .03, .06, -.01, .02, .00), se = c(.2, .3, .25, .2, .4, .3, .2, .25, .3, .2)))

for (case in names(sets)) {
  s <- sets[[case]]
  fit <- rma(yi = s$y, sei = s$se, method = "ML", control = list(threshold = 1e-14, maxiter = 10000))
  keep(case, "mean", fit$b)
  keep(case, "sd", sqrt(fit$tau2))
  keep(case, "mean_se", fit$se)
  minus <- function(b) -sum(dnorm(s$y, b[1], sqrt(exp(2 * b[2]) + s$se^2), log = TRUE))
  best <- optim(c(0, -2), minus, method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
  keep(case, "optim_mean", best$par[1])
  keep(case, "optim_sd", exp(best$par[2]))
  sd <- sqrt(fit$tau2)
  if (sd > 1e-6)
    keep(case, "ease", integrate(function(x) abs(x) * dnorm(x, fit$b, sd), fit$b - 12 * sd, fit$b + 12 * sd, rel.tol = 1e-12, subdivisions = 2000)$value)
  total <- sqrt(.15^2 + fit$tau2)
  keep(case, "p", 2 * pnorm(-abs(.8 - fit$b) / total))
  keep(case, "low", .8 - fit$b - qnorm(.975) * total)
  keep(case, "high", .8 - fit$b + qnorm(.975) * total)
}
write_reference("negative_controls.csv", "metafor")
