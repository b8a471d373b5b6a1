# Writes multiplicity.csv (name, value): p.adjust, and multcomp's simultaneous limits of all pairs of three arms.
suppressMessages(library(multcomp))
set.seed(3)
p <- c(0.001, 0.013, 0.014, 0.19, 0.35, 0.5, 0.012, 0.9, 0.04)
means <- c(1.2, 2.9, 2.1); v <- matrix(c(0.30, 0.05, 0.02, 0.05, 0.40, 0.06, 0.02, 0.06, 0.50), 3)
contrasts <- rbind(c(-1, 1, 0), c(-1, 0, 1), c(0, -1, 1))
limits <- function(df) {
  g <- glht(parm(means, v, df = df), linfct = contrasts)
  list(ci = confint(g), p = summary(g, adjusted("single-step", maxpts = 5e6, abseps = 1e-7))$test$pvalues)
}
out <- c(setNames(p.adjust(p, "BH"), paste0("bh_", seq_along(p) - 1)), setNames(p.adjust(p, "holm"), paste0("holm_", seq_along(p) - 1)))
for (df in c(0, 11)) {
  l <- limits(df)
  out <- c(out, setNames(attr(l$ci$confint, "calpha"), paste0("critical_", df)), setNames(as.numeric(l$p), paste0("p_", df, "_", 0:2)))
}
out <- c(out, tukey_12 = qtukey(0.95, 3, 12) / sqrt(2), tukey_normal = qtukey(0.95, 4, Inf) / sqrt(2))
path <- "tests/reference/multiplicity.csv"
writeLines(sprintf("# %s, multcomp %s; df 0 stands for the normal", R.version.string, packageVersion("multcomp")), path)
suppressWarnings(write.table(data.frame(name = names(out), value = format(out, digits = 15, trim = TRUE)), path, append = TRUE,
                             sep = ",", row.names = FALSE, quote = FALSE))
