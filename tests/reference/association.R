# Rank correlation with Bonett and Wright's limits, and within-between regression by lm with clustered errors by sandwich.
# Run in this folder: Rscript association.R
suppressMessages(library(sandwich))
source("writing.R")

d <- read.csv("propensity.csv", comment.char = "#")
d <- d[d$observed == 1, ]
d$score <- round(25 + 2 * d$x1 + .5 * d$site + 3 * d$x2)
rho <- cor(d$score, d$change, method = "spearman")
z <- atanh(rho); se <- sqrt((1 + rho^2 / 2) / (nrow(d) - 3))
keep("rank", "estimate", rho); keep("rank", "se", se)
keep("rank", "low", tanh(z - qnorm(.975) * se)); keep("rank", "high", tanh(z + qnorm(.975) * se))
left <- sapply(0:7, function(out) atanh(cor(d$score[d$site != out], d$change[d$site != out], method = "spearman")))
keep("rank", "jackknife_se", sqrt(7 / 8 * sum((left - mean(left))^2)))

d$mean <- ave(d$score, d$site)
d$within <- d$score - d$mean
fit <- lm(change ~ within + mean + x3 + x4 + two, d)
by_site <- vcovCL(fit, ~site, type = "HC1")
robust <- vcovHC(fit, type = "HC1")
for (term in c("within", "mean")) {
  keep(term, "estimate", coef(fit)[[term]])
  keep(term, "clustered_se", sqrt(by_site[term, term]))
  keep(term, "robust_se", sqrt(robust[term, term]))
}
write_reference("association.csv", "sandwich")
