# Cox, proportionality and baseline references. Run in this folder after hazards_people.R: Rscript hazards.R
library(survival)
source("writing.R")
people <- read.csv("hazards_people.csv", comment.char = "#")
people$a1 <- as.numeric(people$arm == 1)
people$a2 <- as.numeric(people$arm == 2)
people$ended <- people$cause > 0
tight <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)  # tighter, and R halves steps on rounding

model <- function(case, fit) {
  keep(case, "coefficient", coef(fit), arm = seq_along(coef(fit)) - 1)
  keep(case, "se", sqrt(diag(vcov(fit))), arm = seq_along(coef(fit)) - 1)
  keep(case, "log_likelihood", fit$loglik[2])
}

scale <- c("km", "identity", "log")
proportionality <- function(case, fit) {
  for (g in scale) {
    z <- cox.zph(fit, transform = g, terms = FALSE)$table
    keep(paste(case, g), "chi_square", z[-nrow(z), "chisq"], arm = seq_len(nrow(z) - 1) - 1)
    keep(paste(case, g), "global", z["GLOBAL", "chisq"])
  }
}

baseline <- function(case, fit, days) {
  b <- basehaz(fit, centered = FALSE)
  b <- if ("strata" %in% names(b)) b[b$strata == levels(b$strata)[1], ] else b
  at <- findInterval(days, b$time)
  keep(case, "baseline", b$hazard[at], day = days)
  s <- survfit(fit, newdata = data.frame(x1 = 0.5, x2 = 1, a1 = 1, a2 = 0))
  s <- if (is.null(s$strata)) s else s[1]
  s <- summary(s, times = days)
  keep(case, "survival", s$surv, day = s$time)
  keep(case, "survival_se", s$std.err, day = s$time)
  keep(case, "cumulative_hazard", s$cumhaz, day = s$time)
}

grid <- list(small = c(2, 5, 8), large = c(3, 30, 60, 90))
covariates <- ~ x1 + x2 + a1 + a2
for (set in c("small", "large")) for (ties in c("efron", "breslow")) {
  d <- people[people$set == set, ]
  base <- paste(set, ties)
  fitted <- function(left, extra = "", ...) {
    formula <- as.formula(paste(left, "~ x1 + x2 + a1 + a2", extra))
    do.call(coxph, list(formula, data = d, ties = ties, control = tight, ...))
  }
  plain <- fitted("Surv(day, ended)")
  model(paste(base, "plain"), plain)
  keep(paste(base, "plain"), "null", plain$loglik[1])
  keep(paste(base, "plain"), "score", plain$score)
  keep(paste(base, "plain"), "wald", plain$wald.test)
  model(paste(base, "distinct"), fitted("Surv(time, ended)"))
  model(paste(base, "robust distinct"), fitted("Surv(time, ended)", robust = TRUE))
  model(paste(base, "robust"), fitted("Surv(day, ended)", robust = TRUE))
  model(paste(base, "probability"), fitted("Surv(day, ended)", weights = d$weight, robust = TRUE))
  model(paste(base, "cluster"), fitted("Surv(day, ended)", "+ cluster(site)"))
  model(paste(base, "cluster probability"), fitted("Surv(day, ended)", "+ cluster(site)", weights = d$weight))
  entry <- fitted("Surv(entry, day, ended)")
  model(paste(base, "entry"), entry)
  strata <- fitted("Surv(day, ended)", "+ strata(stratum)")
  model(paste(base, "strata"), strata)
  all <- fitted("Surv(entry, day, ended)", "+ strata(stratum) + cluster(site)", weights = d$weight)
  model(paste(base, "everything"), all)
  often <- d[rep(seq_len(nrow(d)), d$count), ]
  model(paste(base, "frequency"), coxph(Surv(day, ended) ~ x1 + x2 + a1 + a2, often, ties = ties, control = tight))
  proportionality(paste(base, "plain"), plain)
  proportionality(paste(base, "entry"), entry)
  proportionality(paste(base, "strata"), strata)
  proportionality(paste(base, "everything"), all)
  baseline(paste(base, "plain"), plain, grid[[set]])
  baseline(paste(base, "entry"), entry, grid[[set]])
  baseline(paste(base, "strata"), strata, grid[[set]])
}
write_reference("hazards.csv", "survival")
