# Aalen-Johansen and Gray references. Run in this folder after people.R: Rscript cuminc.R
library(survival)
library(cmprsk)
source("writing.R")
people <- read.csv("people.csv", comment.char = "#")
grid <- list(small = 0:11, large = c(0, 1, 7, 30, 60, 90, 180, 270, 360))

states <- function(case, fit, days) {
  s <- summary(fit, times = days, extend = TRUE)
  for (cause in 1:(ncol(s$pstate) - 1)) {
    keep(case, "estimate", s$pstate[, cause + 1], cause = cause, day = s$time)
    keep(case, "se", s$std.err[, cause + 1], cause = cause, day = s$time)
    keep(case, "low", s$lower[, cause + 1], cause = cause, day = s$time)
    keep(case, "high", s$upper[, cause + 1], cause = cause, day = s$time)
  }
}

for (set in c("small", "large")) {
  d <- people[people$set == set, ]
  d$row <- seq_len(nrow(d))
  late <- d[d$day > 0, ]
  days <- grid[[set]]
  states(paste(set, "plain"), survfit(Surv(day, factor(state)) ~ 1, d, conf.type = "log-log"), days)
  states(paste(set, "probability"), survfit(Surv(day, factor(state)) ~ 1, d, weights = weight, conf.type = "log-log"), days)
  states(paste(set, "entry"), survfit(Surv(entry, day, factor(state)) ~ 1, late, id = row, conf.type = "log-log"), days)
  states(paste(set, "entry probability"), survfit(Surv(entry, day, factor(state)) ~ 1, late, id = row, weights = weight, conf.type = "log-log"), days)
  states(paste(set, "frequency"), survfit(Surv(day, factor(state)) ~ 1, d[rep(d$row, d$count), ], conf.type = "log-log"), days)

  gray <- cuminc(d$day, d$state)
  for (cause in 1:3) {
    at <- timepoints(gray[paste(1, cause)], days)
    known <- !is.na(at$est[1, ])
    keep(paste(set, "aalen"), "estimate", at$est[1, known], cause = cause, day = days[known])
    keep(paste(set, "aalen"), "variance", at$var[1, known], cause = cause, day = days[known])
  }
  for (k in c(2, 3, 5)) {
    d$group <- d$arm %% k
    if (length(unique(d$group)) < k) next
    cases <- list(plain = cuminc(d$day, d$state, d$group), strata = cuminc(d$day, d$state, d$group, strata = d$stratum),
                  silent = cuminc(d$day, ifelse(d$group == 1, 0, d$state), d$group))
    for (name in names(cases)) for (cause in rownames(cases[[name]]$Tests)) {
      if (cases[[name]]$Tests[cause, "stat"] < 0) next                      # cmprsk's mark for a singular variance
      keep(paste(set, k, name), "chi_square", cases[[name]]$Tests[cause, "stat"], cause = cause)
      keep(paste(set, k, name), "p", cases[[name]]$Tests[cause, "pv"], cause = cause)
    }
  }
}
write_reference("cuminc.csv", "survival", "cmprsk")
