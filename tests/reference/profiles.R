# One model of everybody with an intercept or baseline per site. Run in this folder: Rscript profiles.R
suppressMessages(library(survival))
source("writing.R")

scatter <- function(i, a) { s <- 1000 * sin(i * a); s - floor(s) }
i <- 1:160
site <- i %% 4
arm <- as.numeric(scatter(i, 1.9) < .3 + .1 * site)
x <- scatter(i, .73) * 2 - 1
time <- 1 + 9 * scatter(i, 2.7)
count <- qpois(scatter(i, 1.37), time * exp(-2.5 + .4 * arm + .5 * x + .2 * site))
event <- as.numeric(scatter(i, 3.1) < plogis(-1.5 + .8 * arm + x))
day <- ceiling(40 * scatter(i, 4.3))
ended <- scatter(i, 5.9) < .6
# site 3 has no event of any kind
count[site == 3] <- 0; event[site == 3] <- 0; ended[site == 3] <- FALSE

exact <- glm.control(epsilon = 1e-14, maxit = 100)
limits <- function(case, fit, of) {
  keep(case, "estimate", coef(fit)[of]); keep(case, "se", sqrt(vcov(fit)[of, of]))
}
edges <- function(case, height, top, b) {
  edge <- function(v) 2 * (top - height(v)) - qchisq(.95, 1)
  keep(case, "low", uniroot(edge, c(b - 4, b), tol = 1e-11)$root); keep(case, "high", uniroot(edge, c(b, b + 4), tol = 1e-11)$root)
  keep(case, "p", pchisq(2 * (top - height(0)), 1, lower.tail = FALSE))
}
rate <- function(rows, rhs, case) {
  base <- paste(rhs, if (length(unique(site[rows])) > 1) "factor(site) / x" else "x", sep = "")
  full <- glm(as.formula(paste("count ~ arm +", base, "+ offset(log(time))")), poisson, subset = rows, control = exact)
  limits(case, full, "arm")
  edges(case, function(v) as.numeric(logLik(glm(as.formula(paste("count ~", base, "+ offset(log(time) + v * arm)")), poisson, subset = rows, control = exact))),
        as.numeric(logLik(full)), coef(full)["arm"])
}
odds <- function(rows, case) {
  base <- if (length(unique(site[rows])) > 1) "factor(site)" else "1"
  full <- glm(as.formula(paste("event ~ arm +", base)), binomial, subset = rows, control = exact)
  limits(case, full, "arm")
  edges(case, function(v) as.numeric(logLik(glm(as.formula(paste("event ~", base, "+ offset(v * arm)")), binomial, subset = rows, control = exact))),
        as.numeric(logLik(full)), coef(full)["arm"])
}
hazard <- function(rows, case) {
  rows <- which(rows)
  data <- data.frame(day, ended, arm, x0 = x * (site == 0), x1 = x * (site == 1), x2 = x * (site == 2), site)[rows, ]
  inside <- paste(paste0("x", unique(site[rows])), collapse = " + ")
  full <- coxph(as.formula(paste("Surv(day, ended) ~ arm +", inside, "+ strata(site)")), data, eps = 1e-11, iter.max = 100)
  limits(case, full, "arm")
  edges(case, function(v) { data$v <- v * data$arm
    coxph(as.formula(paste("Surv(day, ended) ~ offset(v) +", inside, "+ strata(site)")), data, eps = 1e-11, iter.max = 100)$loglik[2] },
        full$loglik[2], coef(full)["arm"])
}
rate(site == 1, "", "poisson/one"); rate(site < 3, "", "poisson/all")
odds(site == 1, "logistic/one"); odds(site < 3, "logistic/all")
hazard(site == 1, "cox/one"); hazard(site < 3, "cox/all")
write_reference("profiles.csv", "survival")
