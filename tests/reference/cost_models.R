# Quarters of the cost plane by mvtnorm, and two-part and gamma cost models by glm. Run in this folder: Rscript cost_models.R
suppressMessages(library(mvtnorm))
source("writing.R")

v <- matrix(c(250000, -4, -4, .0016), 2)
s <- cov2cor(v)
quarter <- function(lower, upper, df) if (is.finite(df)) pmvt(lower, upper, df = df, corr = s, algorithm = TVPACK(1e-12)) else
  pmvnorm(lower, upper, corr = s, algorithm = TVPACK(1e-12))
quarters <- function(cost, effect, df, case) {
  m <- c(cost / sqrt(v[1, 1]), effect / sqrt(v[2, 2]))
  # dearer (first above 0) and better (second above 0) as orthants of the centered distribution
  both <- function(sign) {
    flipped <- s; flipped[1, 2] <- flipped[2, 1] <- s[1, 2] * prod(sign)
    if (is.finite(df)) pmvt(upper = sign * m, df = df, corr = flipped, algorithm = TVPACK(1e-12))
    else pmvnorm(upper = sign * m, corr = flipped, algorithm = TVPACK(1e-12))
  }
  keep(case, "chance", c(both(c(-1, 1)), both(c(-1, -1)), both(c(1, 1)), both(c(1, -1))), arm = 0:3)
}
quarters(1200, .15, Inf, "normal")
quarters(1200, .15, 8, "t8")
quarters(-300, .02, 8, "near")
keep("normal", "radius", qchisq(.95, 2))
keep("t8", "radius", 2 * 8 / 7 * qf(.95, 2, 7))

d <- read.csv("propensity.csv", comment.char = "#")
i <- seq_len(nrow(d))
scatter <- function(i, a) { s <- 1000 * sin(i * a); s - floor(s) }
d$h <- d$glm_site * (1 - d$glm_site)
d$spent <- exp(7 + .3 * d$x1 - .2 * d$x3 - .4 * d$two + scatter(i, .73)) 
d$some <- ifelse(scatter(i, 2.11) < .2, 0, d$spent)
d$w <- ifelse(d$observed == 1, d$weight, 0)
tight <- glm.control(epsilon = 1e-14, maxit = 200)
difference <- function(d, outcome) {
  d$y <- d[[outcome]]
  known <- d[d$w > 0, ]
  gamma <- glm(y ~ two + x1 + x2 + x3 + x4 + factor(site), Gamma("log"), known[known$y > 0, ], weights = w, control = tight)
  mean_at <- function(a) {
    at <- d; at$two <- a
    m <- predict(gamma, at, type = "response")
    if (any(known$y == 0)) {
      known$any <- as.integer(known$y > 0)
      m <- m * predict(glm(any ~ two + x1 + x2 + x3 + x4 + factor(site), quasibinomial, known, weights = w, control = tight), at, type = "response")
    }
    sum(d$h * m) / sum(d$h)
  }
  mean_at(1) - mean_at(0)
}
for (outcome in c("spent", "some")) {
  keep(outcome, "difference", difference(d, outcome))
  left <- sapply(0:7, function(out) difference(d[d$site != out, ], outcome))
  keep(outcome, "se", sqrt(7 / 8 * sum((left - mean(left))^2)))
}
write_reference("cost_models.csv", "mvtnorm")
