# Writes regression.csv (name, value): weighted least squares with cluster-robust errors, and a ratio bootstrap of clusters.
suppressMessages({library(sandwich); library(boot)})
i <- 0:59
x1 <- sin(1.7 * i); x2 <- (i %% 7) / 3; w <- 1 + (i %% 4) / 2; cluster <- i %/% 5
y <- 2 + 0.8 * x1 - 0.3 * x2 + cos(2.3 * i) + 0.5 * sin(cluster)
fit <- lm(y ~ x1 + x2, weights = w)
v <- vcovCL(fit, cluster = cluster, type = "HC1")
out <- c(setNames(coef(fit), paste0("b_", 0:2)), setNames(as.numeric(v), paste0("v_", 0:8)), sigma = sigma(fit))
plain <- vcovCL(lm(y ~ x1 + x2), cluster = i, type = "HC1")
out <- c(out, setNames(sqrt(diag(plain)), paste0("hc1_", 0:2)))
above <- 3 + 2 * sin(1.1 * (0:24)) + (0:24) / 10; below <- 5 + cos(0.7 * (0:24))
set.seed(20)
drawn <- boot(cbind(above, below), function(d, k) sum(d[k, 1]) / sum(d[k, 2]), R = 200000)
t <- qt(0.975, 24); tail <- pnorm(-sqrt(25 / 24) * t)
out <- c(out, ratio = drawn$t0, ratio_sd = sd(drawn$t), ratio_low = quantile(drawn$t, tail, names = FALSE),
         ratio_high = quantile(drawn$t, 1 - tail, names = FALSE))
# isometric log-ratios by another basis: centered log-ratios times normalized Helmert contrasts, turned around
shares <- rbind(c(0.7, 0.2, 0.06, 0.04), c(0.25, 0.25, 0.25, 0.25), c(0.1, 0.15, 0.5, 0.25))
helmert <- contr.helmert(4)[4:1, 3:1]; helmert <- sweep(helmert, 2, sqrt(colSums(helmert^2)), "/")
z <- (log(shares) - rowMeans(log(shares))) %*% helmert
out <- c(out, setNames(as.numeric(t(z)), paste0("z_", 0:8)))
path <- "tests/reference/regression.csv"
writeLines(sprintf("# %s, sandwich %s, boot %s", R.version.string, packageVersion("sandwich"), packageVersion("boot")), path)
suppressWarnings(write.table(data.frame(name = names(out), value = format(out, digits = 15, trim = TRUE)), path, append = TRUE,
                             sep = ",", row.names = FALSE, quote = FALSE))
