# Reference for wild_cluster: every one of the 6 ^ G Webb weights in turn, an lm and a sandwich::vcovCL for each.
# Run in this folder: Rscript wild_cluster.R (about ten minutes)
source("writing.R")
suppressMessages(library(sandwich))
set.seed(20251125)

n <- 40; g <- 5
site <- rep(1:g, length.out = n)
people <- data.frame(site, x = round(rnorm(n) + site / 3, 3), z = rbinom(n, 1, .5))
people$y <- round(1 + .4 * people$x + .3 * people$z + rnorm(g)[site] + rnorm(n), 3)
writing <- file("wild_cluster_people.csv", "w")
writeLines(paste("#", R.version.string), writing)
write.csv(people, writing, row.names = FALSE, quote = FALSE)
close(writing)

webb <- c(-sqrt(1.5), -1, -sqrt(.5), sqrt(.5), 1, sqrt(1.5))
everything <- as.matrix(expand.grid(rep(list(webb), g)))
t_of <- function(y, null) {
  fit <- lm(y ~ x + z, cbind(people[c("x", "z")], y = y))
  (coef(fit)["x"] - null) / sqrt(vcovCL(fit, people$site, type = "HC1", cadjust = TRUE)["x", "x"])
}
for (null in c(0, .5)) {
  under <- lm(I(y - null * x) ~ z, people)
  drawn <- apply(everything, 1, function(v) t_of(fitted(under) + null * people$x + v[people$site] * resid(under), null))
  seen <- t_of(people$y, null)
  keep(paste("null", null), "t", seen)
  keep(paste("null", null), "p", mean(abs(drawn) >= abs(seen) * (1 - 1e-9)))
}
fit <- lm(y ~ x + z, people)
keep("least squares", "estimate", coef(fit)["x"])
keep("least squares", "se", sqrt(vcovCL(fit, people$site, type = "HC1", cadjust = TRUE)["x", "x"]))
write_reference("wild_cluster.csv", "sandwich")
