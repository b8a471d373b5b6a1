# Reference for refitted_means: nnet::multinom fitted to clusters counted as often as a draw has them. Run here: Rscript weight_bootstrap.R
source("writing.R")
suppressMessages(library(nnet))
set.seed(20250917)

n <- 400
site <- sample(1:6, n, replace = TRUE)
people <- data.frame(site, x = round(rnorm(n), 3), z = rbinom(n, 1, .4))
odds <- cbind(1, exp(.4 * people$x - .3 * people$z), exp(-.3 + .7 * people$x + .2 * site / 6))
people$arm <- apply(odds, 1, function(o) sample(0:2, 1, prob = o))
people$y <- round(people$x + .5 * people$z + .3 * people$arm + rnorm(6)[site] + rnorm(n), 3)
writing <- file("weight_bootstrap_people.csv", "w")
writeLines(paste("#", R.version.string), writing)
write.csv(people, writing, row.names = FALSE, quote = FALSE)
close(writing)

for (draw in c("1 1 1 1 1 1", "0 2 1 1 0 2", "3 0 0 1 2 0")) {
  w <- as.numeric(strsplit(draw, " ")[[1]])[people$site]
  for (arms in list(0:2, 0:1)) {
    p <- people[people$arm %in% arms, ]; v <- w[people$arm %in% arms]
    fit <- multinom(factor(arm) ~ x + z, p, weights = v, trace = FALSE, reltol = 1e-15, abstol = 1e-15, maxit = 2000)
    e <- if (length(arms) == 2) cbind(1 - fitted(fit)[, 1], fitted(fit)[, 1]) else fitted(fit)
    own <- e[cbind(seq_len(nrow(p)), p$arm + 1)]
    for (target in c("overlap", "combined")) {
      tilt <- if (target == "overlap") 1 / rowSums(1 / e) else 1
      for (a in arms) {
        b <- v * tilt / own * (p$arm == a)
        keep(paste(draw, target, length(arms), "arms"), "mean", sum(b * p$y) / sum(b), arm = a)
      }
    }
  }
}
write_reference("weight_bootstrap.csv", "nnet")
