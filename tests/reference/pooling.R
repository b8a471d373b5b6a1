# Random effects over sites by metafor. Run in this folder: Rscript pooling.R
suppressMessages(library(metafor))
source("writing.R")

sets <- list(
  "five sites" = list(y = c(.10, .30, -.20, .50, .25), se = c(.10, .20, .15, .30, .12)),
  "agreeing sites" = list(y = c(1.00, 1.10, .95, 1.05), se = c(.50, .40, .60, .30)),
  "two sites" = list(y = c(-2.0, 1.5), se = c(.7, .9)),
  "twelve sites" = list(y = c(-.42, -.11, .08, -.77, -.25, -.31, .36, -.58, -.02, -.49, -.90, -.15),
                        se = c(.12, .25, .31, .18, .09, .40, .22, .15, .35, .28, .20, .11)))
exact <- list(threshold = 1e-14, maxiter = 10000)
tests <- c("hartung-knapp" = "knha", "never narrower" = "adhoc", "normal" = "z")

for (case in names(sets)) for (method in c("REML", "DL")) {
  s <- sets[[case]]
  for (limits in names(tests)) {
    fit <- rma(yi = s$y, sei = s$se, method = method, test = tests[limits], control = exact)
    name <- paste(case, method, limits, sep = "/")
    for (value in list(c("estimate", fit$b), c("se", fit$se), c("low", fit$ci.lb), c("high", fit$ci.ub), c("p", fit$pval)))
      keep(name, value[1], as.numeric(value[2]))
    if (length(s$y) > 2) {
      half <- qt(.975, length(s$y) - 2) * sqrt(fit$tau2 + fit$se^2)
      keep(name, "predicted_low", fit$b - half)
      keep(name, "predicted_high", fit$b + half)
    }
  }
  name <- paste(case, method, sep = "/")
  keep(name, "tau2", fit$tau2)
  keep(name, "q", fit$QE)
  keep(name, "q_p", fit$QEp)
  keep(name, "i2", fit$I2 / 100)
  share <- weights(fit) / 100
  for (i in seq_along(share)) keep(name, "weight", share[i], arm = i - 1)
}
write_reference("pooling.csv", "metafor")
