# Writes propensity.csv: a drawn study and the fitted probabilities of nnet::multinom (three arms) and glm (two arms).
library(nnet)
set.seed(20240611)
n <- 400
x1 <- rnorm(n); x2 <- rnorm(n); x3 <- rbinom(n, 1, 0.4); x4 <- round(runif(n, 18, 70))
site <- sample(0:7, n, replace = TRUE)
quality <- rnorm(8)[site + 1]
u1 <- exp(-0.2 + 0.5 * x1 + 0.4 * x3); u2 <- exp(-0.8 + 1.0 * x1 - 0.3 * x2 + 0.01 * x4)
r <- runif(n) * (1 + u1 + u2)
arm <- ifelse(r < 1, 0, ifelse(r < 1 + u1, 1, 2))
two <- as.integer(arm > 0)
change <- 5 + 1.5 * x1 - 0.8 * x3 + quality + c(0, 1, 2)[arm + 1] * (1 - 0.2 * x1) + 4 * rnorm(n)
better <- as.integer(change > 6)
observed <- rbinom(n, 1, plogis(0.9 - 0.4 * x1 + 0.3 * x2 - 0.3 * two))
weight <- round(runif(n, 0.5, 2), 3)

frame <- data.frame(x1, x2, x3, x4, site, arm, two, change, better, observed, weight)
frame[] <- lapply(frame, signif, 12)
three <- multinom(arm ~ x1 + x2 + x3 + x4, frame, trace = FALSE, maxit = 1000, reltol = 1e-15, abstol = 1e-15)
p <- fitted(three)
binary <- glm(two ~ x1 + x2 + x3 + x4 + factor(site), binomial, frame, control = glm.control(epsilon = 1e-14, maxit = 100))
weighted <- glm(two ~ x1 + x2 + x3 + x4, quasibinomial, frame, weights = weight,
                control = glm.control(epsilon = 1e-14, maxit = 100))
out <- cbind(frame, p0 = p[, 1], p1 = p[, 2], p2 = p[, 3], glm_site = fitted(binary), glm_weighted = fitted(weighted))
path <- "tests/reference/propensity.csv"
writeLines(sprintf("# %s, nnet %s", R.version.string, packageVersion("nnet")), path)
suppressWarnings(write.table(format(out, digits = 15, trim = TRUE), path, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE))
