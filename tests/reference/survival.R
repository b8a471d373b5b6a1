# Kaplan-Meier, restricted mean and log-rank references. Run in this folder after people.R: Rscript survival.R
library(survival)
source("writing.R")
people <- read.csv("people.csv", comment.char = "#")
grid <- list(small = 0:11, large = c(0, 1, 7, 30, 60, 90, 180, 270, 360))
until <- c(small = 9, large = 90)

curve <- function(case, fit, days, scale) {
  s <- summary(fit, times = days, extend = TRUE)
  keep(case, "estimate", s$surv, day = s$time)
  keep(case, "se", s$std.err, day = s$time)
  keep(case, paste0("low_", scale), s$lower, day = s$time)
  keep(case, paste0("high_", scale), s$upper, day = s$time)
  if (scale == "log-log" && !grepl("entry", case)) keep(case, "at_risk", s$n.risk, day = s$time)
}

restricted_mean <- function(case, fit, tau) {
  keep(case, "rmst", summary(fit, rmean = tau)$table["rmean"], day = tau)
  keep(case, "rmst_se", summary(fit, rmean = tau)$table["se(rmean)"], day = tau)
}

weighted_mean_se <- function(case, fit, tau) {                       # from the influence of each person on each step
  steps <- c(0, pmin(fit$time, tau), tau)
  width <- diff(steps)
  moved <- cbind(0, fit$influence.surv) %*% width                             # already times the weight
  keep(case, "rmst_se", sqrt(sum(moved^2)), day = tau)
  keep(case, "rmst", sum(width * c(1, fit$surv)), day = tau)
}

for (set in c("small", "large")) {
  d <- people[people$set == set, ]
  d$ended <- d$state > 0
  late <- d[d$day > 0, ]
  for (scale in c("log-log", "log")) {
    curve(paste(set, "plain"), survfit(Surv(day, ended) ~ 1, d, conf.type = scale), grid[[set]], scale)
    curve(paste(set, "frequency"), survfit(Surv(day, ended) ~ 1, d, weights = count, robust = FALSE, conf.type = scale), grid[[set]], scale)
    curve(paste(set, "probability"), survfit(Surv(day, ended) ~ 1, d, weights = weight, robust = TRUE, conf.type = scale), grid[[set]], scale)
    curve(paste(set, "entry"), survfit(Surv(entry, day, ended) ~ 1, late, conf.type = scale), grid[[set]], scale)
    late$row <- seq_len(nrow(late))
    curve(paste(set, "entry probability"), survfit(Surv(entry, day, ended) ~ 1, late, weights = weight, id = row, robust = TRUE, conf.type = scale),
          grid[[set]], scale)
  }
  restricted_mean(paste(set, "plain"), survfit(Surv(day, ended) ~ 1, d), until[[set]])
  restricted_mean(paste(set, "frequency"), survfit(Surv(day, ended) ~ 1, d, weights = count, robust = FALSE), until[[set]])
  restricted_mean(paste(set, "entry"), survfit(Surv(entry, day, ended) ~ 1, late), until[[set]])
  few <- head(d, 1000)
  weighted_mean_se(paste(set, "probability"), survfit(Surv(day, ended) ~ 1, few, weights = weight, robust = TRUE, influence = 1),
                   until[[set]])

  for (k in c(2, 3, 5)) {
    d$group <- d$arm %% k
    if (length(unique(d$group)) < k) next
    tests <- list(plain = survdiff(Surv(day, ended) ~ group, d), strata = survdiff(Surv(day, ended) ~ group + strata(stratum), d),
                  frequency = survdiff(Surv(day, ended) ~ group, d[rep(seq_len(nrow(d)), d$count), ]),
                  silent = survdiff(Surv(day, ended & group != 1) ~ group, d))
    for (name in names(tests)) {
      case <- paste(set, k, name)
      test <- tests[[name]]
      keep(case, "chi_square", test$chisq)
      if (is.matrix(test$obs)) { test$obs <- rowSums(test$obs); test$exp <- rowSums(test$exp) }
      keep(case, "observed", test$obs, arm = seq_along(test$obs) - 1)
      keep(case, "expected", test$exp, arm = seq_along(test$exp) - 1)
      keep(case, "variance", diag(test$var), arm = seq_along(test$exp) - 1)
    }
    few$group <- few$arm %% k
    weighted <- coxph(Surv(day, ended) ~ factor(group), few, weights = weight, ties = "breslow", robust = TRUE)
    keep(paste(set, k, "weighted"), "chi_square", summary(weighted)$robscore["test"])
    if (set == "small") {
      late$group <- late$arm %% k
      exact <- coxph(Surv(entry, day, ended) ~ factor(group), late, ties = "exact")
      keep(paste(set, k, "entry"), "chi_square", exact$score)
    }
  }
}
write_reference("survival.csv", "survival")
