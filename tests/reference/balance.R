# Reads propensity.csv and writes balance.csv: MatchIt's standardized mean differences, variance ratios and effective samples.
library(MatchIt)
d <- read.csv("tests/reference/propensity.csv", comment.char = "#")
m <- matchit(two ~ x1 + x2 + x3 + x4, d, method = "subclass", estimand = "ATE", subclass = 5)
s <- summary(m)
all <- s$sum.all; after <- s$sum.across
keep <- c("x1", "x2", "x3", "x4")
out <- data.frame(name = keep, smd_before = abs(all[keep, "Std. Mean Diff."]), ratio_before = all[keep, "Var. Ratio"],
                  smd_after = abs(after[keep, "Std. Mean Diff."]), ratio_after = after[keep, "Var. Ratio"])
rownames(out) <- NULL
path <- "tests/reference/balance.csv"
writeLines(sprintf("# %s, MatchIt %s", R.version.string, packageVersion("MatchIt")), path)
suppressWarnings(write.table(format(out, digits = 15, trim = TRUE), path, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE))
path <- "tests/reference/balance_weights.csv"
writeLines(sprintf("# %s, MatchIt %s; effective sample: %s", R.version.string, packageVersion("MatchIt"),
                   paste(format(s$nn["Matched (ESS)", ], digits = 15), collapse = " ")), path)
suppressWarnings(write.table(data.frame(weight = format(m$weights, digits = 15, trim = TRUE)), path, append = TRUE, sep = ",",
                             row.names = FALSE, quote = FALSE))
