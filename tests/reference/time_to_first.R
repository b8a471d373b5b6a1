# Interval-censored times of first improvement by survival. Run in this folder: Rscript time_to_first.R
suppressMessages(library(survival))
source("writing.R")

set.seed(8)
n <- 150
after <- sample(0:5, n, replace = TRUE, prob = c(.3, .2, .2, .1, .1, .1))
wide <- pmin(sample(1:4, n, replace = TRUE, prob = c(.6, .25, .1, .05)), 6 - after)
seen <- runif(n) < .7 & after < 5 & after + wide <= 5
by <- ifelse(seen, after + wide, 7)
weight <- round(runif(n, .2, 2), 3)
for (i in 1:n) {
  keep("people", "after", after[i], day = i)
  keep("people", "by", by[i], day = i)
  keep("people", "weight", weight[i], day = i)
}
# mark j lies in (after, by]: as an interval from half a mark later
left <- after + .5
right <- ifelse(by == 7, NA, by)
fits <- list(plain = survfit(Surv(left, right, type = "interval2") ~ 1),
             weighted = survfit(Surv(left, right, type = "interval2") ~ 1, weights = weight))
for (case in names(fits)) for (mark in 1:5)
  keep(case, "estimate", 1 - summary(fits[[case]], times = mark + .25, extend = TRUE)$surv, day = mark)

# nobody misses a mark: the life table, with the infinitesimal jackknife for its standard error
time <- ifelse(by == 7, after, after + 1)
status <- as.numeric(by != 7)
exact <- list(exact = survfit(Surv(time + .5 * (status == 0), status) ~ 1, robust = TRUE, id = seq_len(n)),
              weighted_exact = survfit(Surv(time + .5 * (status == 0), status) ~ 1, robust = TRUE, id = seq_len(n), weights = weight))
for (case in names(exact)) {
  s <- summary(exact[[case]], times = 1:5, extend = TRUE)
  for (mark in 1:5) { keep(case, "estimate", 1 - s$surv[mark], day = mark); keep(case, "se", s$std.err[mark], day = mark) }
}
write_reference("time_to_first.csv", "survival")
