# Overlap-weighted cost with people cut off, the augmented effect beside it, and their covariance by leaving out one site
# at a time, with glm, survfit and lm. Run in this folder: Rscript adjusted_cost.R
suppressMessages(library(survival))
source("writing.R")

d <- read.csv("propensity.csv", comment.char = "#")
scatter <- function(i, a) { s <- 1000 * sin(i * a); s - floor(s) }
i <- seq_len(nrow(d))
d$day <- floor(1 + 239 * scatter(i, 1.37))
d$ended <- scatter(i, 2.11) < .25
per_day <- 20 + 60 * scatter(i, .73) + 15 * d$two + 4 * d$x1
for (end in c(60, 120, 180)) d[[paste0("cost", end)]] <- per_day * pmin(pmax(pmin(d$day, end) - (end - 60), 0), 60)
tight <- glm.control(epsilon = 1e-14, maxit = 200)

one_interval <- function(m, day, ended, end, w) {
  known <- ended | day >= end
  time <- pmin(day, end)
  fit <- survfit(Surv(time + .5 * !known, !known) ~ 1, weights = w)
  stay <- summary(fit, times = sort(unique(time)) - .25, extend = TRUE)
  stay <- stay$surv[match(time - .25, stay$time)]
  sum(ifelse(known, w * m / stay, 0)) / sum(w)
}
both <- function(d) {
  e <- fitted(glm(two ~ x1 + x2 + x3 + x4 + factor(site), binomial, d, control = tight))
  h <- e * (1 - e)
  w <- h / ifelse(d$two == 1, e, 1 - e)
  seen <- d$observed == 1
  pi <- pmax(fitted(glm(observed ~ x1 + x2 + x3 + x4 + two + factor(site), binomial, d, control = tight)), .1)
  out <- c()
  for (a in 0:1) {
    here <- d$two == a
    out <- c(out, sum(sapply(c(60, 120, 180), function(end)
      one_interval(d[here, paste0("cost", end)], d$day[here], d$ended[here], end, w[here]))))
  }
  for (a in 0:1) {
    here <- d$two == a & seen
    m <- predict(lm(change ~ x1 + x2 + x3 + x4 + factor(site), d[here, ]), d)
    v <- (w / pi)[here]
    out <- c(out, sum(h * m) / sum(h) + sum(v * (d$change - m)[here]) / sum(v))
  }
  out
}
keep("overlap", "value", both(d), arm = 0:3)
left <- t(sapply(0:7, function(out) both(d[d$site != out, ])))
spread <- sweep(left, 2, colMeans(left))
covariance <- 7 / 8 * crossprod(spread)
for (a in 0:3) keep("overlap", "covariance", covariance[a + 1, ], arm = a, cause = 0:3)
write_reference("adjusted_cost.csv", "survival")
