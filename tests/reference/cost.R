# Mean cost weighted for being cut off, by survfit, with a delete-one jackknife. Run in this folder: Rscript cost.R
suppressMessages(library(survival))
source("writing.R")

scatter <- function(i, a) { s <- 1000 * sin(i * a); s - floor(s) }
n <- 60
i <- 1:n
arm <- i %% 2
day <- floor(1 + 239 * scatter(i, 1.37))
ended <- scatter(i, 2.11) < .25
per_day <- 20 + 60 * scatter(i, .73) + 15 * arm
cost <- sapply(c(60, 120, 180), function(end) per_day * pmin(pmax(pmin(day, end) - (end - 60), 0), 60) + 500 * (end == 60))

one_interval <- function(m, day, ended, end) {
  known <- ended | day >= end
  time <- pmin(day, end)
  # those complete on a day are complete before anybody is cut off on it
  fit <- survfit(Surv(time + .5 * !known, !known) ~ 1)
  stay <- summary(fit, times = time - .25, extend = TRUE)
  stay <- stay$surv[match(time - .25, stay$time)]
  mean(ifelse(known, m / stay, 0))
}
simple <- function(rows) one_interval(rowSums(cost)[rows], day[rows], ended[rows], 180)
partitioned <- function(rows)
  sum(sapply(1:3, function(j) one_interval(cost[rows, j], day[rows], ended[rows], 60 * j)))

for (a in 0:1) for (way in c("simple", "partitioned")) {
  here <- which(arm == a)
  mean_of <- get(way)
  keep(way, "mean", mean_of(here), arm = a)
  left <- sapply(here, function(out) mean_of(setdiff(here, out)))
  keep(way, "jackknife_se", sqrt((length(here) - 1) / length(here) * sum((left - mean(left))^2)), arm = a)
}

# Fieller's limits as the ratios at which C - R E stands exactly at the edge
fieller <- function(c, e, v, t) {
  edge <- function(r) (c - r * e)^2 - t^2 * (v[1] - 2 * r * v[2] + r^2 * v[3])
  c(uniroot(edge, c(-1e6, c / e), tol = 1e-12)$root, uniroot(edge, c(c / e, 1e6), tol = 1e-12)$root)
}
ends <- fieller(1200, .15, c(250000, -4, .0016), qnorm(.975))
keep("trade-off", "ratio_low", ends[1])
keep("trade-off", "ratio_high", ends[2])
for (worth in c(0, 5000, 20000)) {
  keep("trade-off", "probability", pnorm(worth * .15 - 1200, 0, sqrt(worth^2 * .0016 + 250000 + 8 * worth)), day = worth)
  keep("trade-off", "probability_t", pt((worth * .15 - 1200) / sqrt(worth^2 * .0016 + 250000 + 8 * worth), 11), day = worth)
}
write_reference("cost.csv", "survival")
