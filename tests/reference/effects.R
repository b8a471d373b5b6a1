# Reads propensity.csv and writes effects.csv (name, value): riskRegression::ate.
suppressMessages({library(riskRegression); library(data.table)})
d <- read.csv("tests/reference/propensity.csv", comment.char = "#")
out <- list()
say <- function(name, value) out[[name]] <<- value

# binary outcome, everyone observed: inverse weighting and its augmented form with logistic outcome model
d$two <- factor(d$two)
for (kind in c("IPTW", "AIPTW")) {
  treatment <- glm(two ~ x1 + x2 + x3 + x4, binomial, d, control = glm.control(epsilon = 1e-14, maxit = 100))
  event <- glm(better ~ two * (x1 + x2 + x3 + x4), binomial, d, control = glm.control(epsilon = 1e-14, maxit = 100))
  a <- ate(event = if (kind == "IPTW") "better" else event, treatment = treatment, data = d, estimator = kind, se = TRUE, verbose = FALSE)
  s <- as.data.frame(summary(a, short = TRUE, type = "meanRisk", print = FALSE)$meanRisk)
  for (i in 1:2) { say(sprintf("ate_%s_mean_%d", kind, i - 1), a$meanRisk$estimate[i]); say(sprintf("ate_%s_mean_%d_se", kind, i - 1), a$meanRisk$se[i]) }
  say(sprintf("ate_%s_difference", kind), a$diffRisk$estimate[1]); say(sprintf("ate_%s_difference_se", kind), a$diffRisk$se[1])
}
path <- "tests/reference/effects.csv"
writeLines(sprintf("# %s, riskRegression %s", R.version.string, packageVersion("riskRegression")), path)
suppressWarnings(write.table(data.frame(name = names(out), value = format(unlist(out), digits = 15, trim = TRUE)), path,
                             append = TRUE, sep = ",", row.names = FALSE, quote = FALSE))
