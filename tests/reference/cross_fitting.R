# Reads propensity.csv and writes cross_fitting.csv: cross-fitted augmented means on folds given there (row number modulo 5),
# every model fitted anew without the fold, in base R: glm, lm and nnet::multinom.  Standard errors of the influence function,
# clustered on people or on sites, times G / (G - 1). Run in this folder: Rscript cross_fitting.R
source("writing.R")
suppressMessages(library(nnet))
d <- read.csv("propensity.csv", comment.char = "#")
n <- nrow(d); fold <- (seq_len(n) - 1) %% 5
exact <- glm.control(epsilon = 1e-14, maxit = 100)

held_out <- function(arm, y, seen, k, sites) {
  right <- if (sites) "x1 + x2 + x3 + x4 + factor(site)" else "x1 + x2 + x3 + x4"
  e <- m <- matrix(NA, n, k); p <- rep(1, n)
  d$y <- y; d$arm_ <- factor(arm); d$seen_ <- seen
  for (f in 0:4) {
    inside <- d[fold != f, ]; out <- d[fold == f, ]
    if (k == 2) {
      one <- predict(glm(as.formula(paste("arm_ ~", right)), binomial, inside, control = exact), out, type = "response")
      e[fold == f, ] <- cbind(1 - one, one)
    } else {
      fit <- multinom(as.formula(paste("arm_ ~", right)), inside, trace = FALSE, maxit = 5000, reltol = 1e-16, abstol = 1e-16)
      e[fold == f, ] <- predict(fit, out, type = "probs")
    }
    if (!all(seen)) {
      watch <- glm(as.formula(paste("seen_ ~ arm_ +", right)), binomial, inside, control = exact)
      p[fold == f] <- predict(watch, out, type = "response")
    }
    for (a in 0:(k - 1)) {
      line <- lm(as.formula(paste("y ~", right)), inside[inside$arm_ == a & inside$seen_, ])
      m[fold == f, a + 1] <- predict(line, out)
    }
  }
  list(e = e, m = m, p = pmax(p, 0.1))
}

means <- function(case, arm, y, seen, k, target, sites = FALSE) {
  h <- held_out(arm, y, seen, k, sites); y[!seen] <- 0
  g <- if (is.null(target)) rep(1, n) else as.numeric(arm == target)
  tilt <- if (is.null(target)) rep(1, n) else h$e[, target + 1]
  w <- sapply(0:(k - 1), function(a) (arm == a & seen) * tilt / h$e[, a + 1] / h$p)
  theta <- colSums(g * h$m) / sum(g); left <- colSums(w * (y - h$m)) / colSums(w)
  moved <- sapply(1:k, function(a) g * (h$m[, a] - theta[a]) / sum(g) + w[, a] * (y - h$m[, a] - left[a]) / sum(w[, a]))
  theta <- theta + left
  for (a in 0:(k - 1)) {
    by_site <- rowsum(moved[, a + 1], d$site)
    keep(case, "mean", theta[a + 1], arm = a)
    keep(case, "se of people", sqrt(n / (n - 1) * sum(moved[, a + 1]^2)), arm = a)
    keep(case, "se of sites", sqrt(length(by_site) / (length(by_site) - 1) * sum(by_site^2)), arm = a)
  }
}

everybody <- rep(TRUE, n)
means("two arms everybody", d$two, d$better, everybody, 2, NULL)
means("two arms those of arm 1", d$two, d$better, everybody, 2, 1)
means("two arms some not observed", d$two, d$change, d$observed == 1, 2, NULL, sites = TRUE)
means("three arms some not observed", d$arm, d$change, d$observed == 1, 3, NULL)
write_reference("cross_fitting.csv", "stats", "nnet")
