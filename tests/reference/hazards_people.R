# Draws the people of the hazard references. Run in this folder: Rscript hazards_people.R
draw <- function(set, n, days) {
  x1 <- round(rnorm(n), 2)
  x2 <- rbinom(n, 1, 0.3)
  arm <- sample(0:2, n, TRUE)
  stratum <- sample(0:2, n, TRUE)
  site <- sample(0:min(40, n %/% 4), n, TRUE)
  rate <- exp(0.4 * x1 - 0.5 * x2 + 0.3 * (arm == 1) - 0.2 * (arm == 2) + 0.1 * stratum) / days
  t <- rexp(n, rate)
  censored <- runif(n, 0.2, 3) * days
  day <- pmax(1, ceiling(pmin(t, censored, 2 * days)))
  cause <- ifelse(t <= pmin(censored, 2 * days), 1 + (runif(n) < 0.35), 0)
  data.frame(set, day, time = round(day - 1 + seq_len(n) / (n + 1), 4), cause, x1, x2, arm, stratum, site,
             entry = ifelse(runif(n) < 0.5, 0, floor(runif(n) * day * 0.8)), count = rpois(n, 1.5), weight = round(runif(n, 0.2, 3), 2))
}
set.seed(20240217)
people <- rbind(draw("small", 30, 12), draw("large", 5000, 60))
writing <- file("hazards_people.csv", "w")
writeLines(paste("#", R.version.string), writing)
write.csv(people, writing, row.names = FALSE, quote = FALSE)
close(writing)
