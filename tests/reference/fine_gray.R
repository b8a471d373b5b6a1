# Fine-Gray and binned-stay references. Run in this folder after hazards_people.R: Rscript fine_gray.R
library(survival)
library(cmprsk)
source("writing.R")
people <- read.csv("hazards_people.csv", comment.char = "#")
people$a1 <- as.numeric(people$arm == 1)
people$a2 <- as.numeric(people$arm == 2)
columns <- c("x1", "x2", "a1", "a2")

model <- function(case, coefficient, se, model_se = NULL) {
  keep(case, "coefficient", coefficient, arm = seq_along(coefficient) - 1)
  keep(case, "se", se, arm = seq_along(coefficient) - 1)
  if (!is.null(model_se)) keep(case, "model_se", model_se, arm = seq_along(coefficient) - 1)
}

crr_model <- function(case, d, when, ...) {
  at <- function(start, steps) suppressWarnings(crr(d[[when]], d$cause, as.matrix(d[columns]), init = start, maxiter = steps, ...))
  fit <- at(rep(0, length(columns)), 10)
  for (i in 1:3) fit <- at(fit$coef + drop(fit$invinf %*% fit$score), 0)         # crr's own steps end at a gradient of 1e-6
  stopifnot(max(abs(fit$score)) < 1e-10)
  model(case, fit$coef, sqrt(diag(fit$var)), sqrt(diag(fit$invinf)))
  curve <- predict(fit, c(0.5, 1, 1, 0))
  keep(case, "incidence", tail(curve[, 2], 1))
}

for (set in c("small", "large")) for (when in c("day", "time")) {
  d <- people[people$set == set, ]
  d <- if (set == "large") head(d, 800) else d                        # crr takes n^2 time
  crr_model(paste(set, when, "crr"), d, when)
  crr_model(paste(set, when, "crr grouped"), d, when, cengroup = d$x2)
  crr_model(paste(set, when, "crr second"), d, when, failcode = 2)
  d$y <- d[[when]]
  d$s <- factor(d$cause)
  d$id <- seq_len(nrow(d))
  long <- finegray(Surv(y, s) ~ x1 + x2 + a1 + a2 + id, d, etype = 1)
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ x1 + x2 + a1 + a2 + cluster(id), long, weights = fgwt, ties = "breslow",
               control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100))
  model(paste(set, when, "finegray"), coef(fit), sqrt(diag(vcov(fit))))
}

bins <- c(small = 4, large = 7)
for (set in c("small", "large")) for (case in c("plain", "frequency")) {
  d <- people[people$set == set, ]
  d <- if (set == "large") head(d, 2000) else d
  width <- max(d$day) / bins[[set]]
  d$bin <- ceiling(d$day / width)
  long <- d[rep(seq_len(nrow(d)), d$bin), ]
  long$t <- factor(sequence(d$bin))
  long$y <- as.numeric(sequence(d$bin) == rep(d$bin, d$bin) & rep(d$cause > 0, d$bin))
  long$often <- if (case == "plain") 1 else long$count
  long <- long[long$often > 0, ]
  fit <- glm(y ~ 0 + t + x1 + x2 + a1 + a2, binomial("cloglog"), long, weights = often, control = glm.control(1e-10, 100))
  for (i in 1:30) fit <- suppressWarnings(glm(y ~ 0 + t + x1 + x2 + a1 + a2, binomial("cloglog"), long, weights = often,
                                              start = coef(fit), control = glm.control(1e-20, 1)))  # R stops early otherwise
  own <- seq_len(nlevels(long$t))
  model(paste(set, "bins", case), coef(fit)[-own], sqrt(diag(vcov(fit)))[-own])
  keep(paste(set, "bins", case), "log_hazard", coef(fit)[own], arm = own - 1)
  keep(paste(set, "bins", case), "log_hazard_se", sqrt(diag(vcov(fit)))[own], arm = own - 1)
}
write_reference("fine_gray.csv", "survival", "cmprsk")
