# Draws the people on whom the curve references are computed. Run in this folder: Rscript people.R
# small: 30 people, ties everywhere, endings on day 0; large: 5,000 people in five arms.
set.seed(20240501)

draw <- function(name, n, last, arms) {
  day <- pmin(floor(rexp(n, 2 / last)), last)
  state <- sample(0:3, n, replace = TRUE, prob = c(.3, .35, .25, .1))
  state[day == last] <- 0
  data.frame(set = name, day = day, state = state, entry = floor(runif(n) * .6 * day), arm = sample(0:(arms - 1), n, replace = TRUE),
             stratum = sample(0:2, n, replace = TRUE), count = sample(1:3, n, replace = TRUE), weight = round(runif(n, .2, 2), 3))
}

people <- rbind(draw("small", 30, 12, 3), draw("large", 5000, 365, 5))
writing <- file("people.csv", "w")
writeLines(paste("#", R.version.string), writing)
write.csv(people, writing, row.names = FALSE, quote = FALSE)
close(writing)
