# Reference for clone_censor_weight and landmark: clones written out as one row per person, strategy and day, weights from glm,
# incidences from the multi-state survfit of the survival package. Run in this folder: Rscript strategies.R
source("writing.R")
suppressMessages(library(survival))
set.seed(20250611)

n <- 320
x1 <- round(rnorm(n), 3); x2 <- rbinom(n, 1, .4); site <- sample(0:2, n, replace = TRUE)
back <- 1 + ceiling(rexp(n, .02 * exp(.5 * x1))); died <- ceiling(rexp(n, .003)); lost <- sample(20:60, n, replace = TRUE)
goes <- rbinom(n, 1, plogis(.2 + .7 * x1 - .5 * x2 + .3 * (site == 1)))
start <- ifelse(goes == 1, sample(0:12, n, replace = TRUE), -1)
day <- pmin(back, died, lost); cause <- ifelse(back == day, 1, ifelse(died == day, 2, 0))
start[start > day] <- -1
both <- start == day & cause > 0
people <- data.frame(day, cause, start, x1, x2, site, count = sample(1:2, n, replace = TRUE))
writing <- file("strategies_people.csv", "w")
writeLines(paste("#", R.version.string), writing)
write.csv(people, writing, row.names = FALSE, quote = FALSE)
close(writing)

# h: matrix of hazards of a change, one column per day 0..grace
people$day[both] <- day[both] + 1     # whoever started and ended on one day started first

chance_of_change <- function(p, terms, grace, width, counts) {
  days <- do.call(rbind, lapply(0:grace, function(d) {
    waits <- p$day - (p$cause > 0) >= d & (p$start < 0 | p$start >= d)
    data.frame(id = which(waits), d = d, y = as.integer(p$start[waits] == d))
  }))
  days <- cbind(days, p[days$id, ], w = counts[days$id])
  days$period <- factor(days$d %/% width)
  some <- names(which(tapply(days$y, days$period, sum) > 0))
  used <- droplevels(days[days$period %in% some, ])
  intercepts <- if (nlevels(used$period) > 1) "period" else "1"
  fit <- glm(as.formula(paste("y ~", paste(c(intercepts, terms), collapse = " + "))), binomial, used, weights = w,
             control = glm.control(epsilon = 1e-15, maxit = 100))
  sapply(0:grace, function(d) {
    if (!(as.character(d %/% width) %in% some)) return(rep(0, nrow(p)))
    predict(fit, cbind(p, period = factor(as.character(d %/% width), levels = some)), type = "response")
  })
}

strategies <- function(case, p, terms, grace, horizon, width = 1, cap = Inf, counts = rep(1, nrow(p)), shift = 0) {
  h <- chance_of_change(p, terms, grace, width, counts)
  stay <- t(apply(1 - h, 1, cumprod)); if (grace == 0) stay <- matrix(1 - h, ncol = 1)
  end <- stay[, grace + 1]
  for (s in 0:1) {
    rows <- do.call(rbind, lapply(0:horizon, function(d) {
      at <- cbind(1, stay)[, min(d, grace + 1) + 1]          # endings come first on a day
      changed <- p$start >= 0 & p$start < d & p$start <= grace
      w <- if (s == 0) ifelse(changed, 0, 1 / at) else ifelse(changed, 1 / (1 - end), (at - end) / ((1 - end) * at))
      w <- pmin(w, cap) * counts
      keep <- p$day >= d & w > 1e-12
      data.frame(id = which(keep), from = d, to = d + 1, w = w[keep], event = ifelse(p$day == d, p$cause, 0)[keep])
    }))
    rows$event <- factor(rows$event, 0:2, c("none", "back", "died"))
    rows$own <- seq_len(nrow(rows))      # each row for itself: survfit takes a person's weight to be the same throughout
    fit <- summary(survfit(Surv(from, to, event) ~ 1, data = rows, weights = w, id = own), times = 1:(horizon + 1), extend = TRUE)
    for (state in c("back", "died")) for (d in c(5, 10, 20, horizon))
      keep(case, "incidence", fit$pstate[d + 1, match(state, fit$states)], arm = s, cause = match(state, c("back", "died")), day = d + shift)
    keep(case, "largest", max(rows$w[rows$from > grace | p$day[rows$id] == rows$from]), arm = s)
  }
  keep(case, "chance", mean(1 - end))
}

strategies("no covariates", people, NULL, 12, 30)
strategies("covariates", people, c("x1", "x2"), 12, 30)
strategies("sites", people, c("x1", "x2", "factor(site)"), 12, 30)
strategies("weekly", people, c("x1", "x2"), 13, 30, width = 7)
strategies("counts", people, c("x1", "x2"), 12, 30, counts = people$count)
strategies("cut at 2", people, "x1", 12, 30, cap = 2)
strategies("short grace", people, "x1", 4, 30)
later <- people[people$day > 12, ]
later$start <- ifelse(later$start >= 0 & later$start <= 12, 0, -1); later$day <- later$day - 12
strategies("landmark", later, c("x1", "x2"), 0, 25, shift = 12)
write_reference("strategies.csv", "survival")
