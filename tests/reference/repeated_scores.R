# Mixed models by lme4 and lmerTest, Kenward-Roger by pbkrtest, MMRM by nlme::gls, and the people they were fitted to.
# Run in this folder: Rscript repeated_scores.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme)})
source("writing.R")

set.seed(20)
people <- 120
made <- do.call(rbind, lapply(seq_len(people), function(id) {
  arm <- id %% 2
  site <- (id * 7) %% 9
  base <- rnorm(1)
  level <- rnorm(1, 0, 2.5)
  slope <- -0.1 * level + rnorm(1, 0, 0.25)
  visits <- 0:4
  week <- 2 * visits + round(runif(5, 0, 1.5), 2)
  score <- 15 + base - .5 * week - .25 * arm * week + level + slope * week + .3 * site + rnorm(5, 0, 2)
  noise <- rnorm(5, 0, 3)
  noise <- noise - .6 * (fitted(lm(noise ~ week)) - mean(noise))  # slopes more alike than noise would have them
  flat <- 15 - .5 * week + 2 * base + level + noise
  d <- data.frame(id, arm, site, base, visit = visits, week, score, flat)
  d[c(TRUE, runif(4) < .8 - .08 * (score[1] > 17)), ]
}))
made[] <- lapply(made, function(column) round(column, 4))

writing <- file("repeated_scores_people.csv", "w")
versions <- sapply(c("lme4", "lmerTest", "pbkrtest", "nlme"), function(p) paste(p, packageVersion(p)))
writeLines(paste("#", paste(c(R.version.string, versions), collapse = "; ")), writing)
write.csv(made, writing, row.names = FALSE, quote = FALSE)
close(writing)

tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = .2, rhoend = 1e-11, maxfun = 1e5), calc.derivs = FALSE,
                     check.conv.singular = "ignore")
kept <- function(case, fit) {
  table <- coef(summary(fit))
  keep(case, "deviance", -2 * as.numeric(logLik(fit)))
  for (j in seq_len(nrow(table))) {
    keep(case, "coefficient", table[j, "Estimate"], arm = j - 1)
    keep(case, "se", table[j, "Std. Error"], arm = j - 1)
    keep(case, "df", table[j, "df"], arm = j - 1)
  }
  spread <- as.data.frame(VarCorr(fit))$vcov
  for (j in seq_along(spread)) keep(case, "variance", spread[j], arm = j - 1)
}
slopes <- lmer(score ~ week * arm + base + (week | id), made, control = tight)
kept("slope reml", slopes)
kept("slope ml", lmer(score ~ week * arm + base + (week | id), made, REML = FALSE, control = tight))
levels_only <- lmer(score ~ week * arm + base + (1 | id), made, control = tight)
kept("intercept reml", levels_only)
kept("intercept ml", lmer(score ~ week * arm + base + (1 | id), made, REML = FALSE, control = tight))
kept("flat slope reml", lmer(flat ~ week * arm + base + (week | id), made, control = tight))
for (j in 1:5) {
  along <- diag(5)[j, ]
  keep("kenward-roger intercept", "df", Lb_ddf(along, vcov(levels_only), vcovAdj(levels_only)), arm = j - 1)
  keep("kenward-roger intercept", "se", sqrt(as.numeric(along %*% vcovAdj(levels_only) %*% along)), arm = j - 1)
}

# contrasts: the arms' difference at the last visit
for (method in c("REML", "ML")) {
  fit <- gls(score ~ factor(visit) * arm + base, made, method = method, correlation = corSymm(form = ~ visit + 1 | id),
             weights = varIdent(form = ~ 1 | visit), control = glsControl(tolerance = 1e-12, msTol = 1e-14, msMaxIter = 500, maxIter = 200,
             opt = "optim", optimMethod = "BFGS"))
  case <- paste("visits", tolower(method))
  keep(case, "deviance", -2 * as.numeric(logLik(fit)))
  for (j in seq_along(coef(fit))) {
    keep(case, "coefficient", coef(fit)[j], arm = j - 1)
    keep(case, "se", sqrt(vcov(fit)[j, j]), arm = j - 1)
  }
  whole <- getVarCov(fit, individual = names(which(table(made$id) == 5))[1])
  for (a in 1:5) for (b in a:5) keep(case, "covariance", whole[a, b], arm = a - 1, cause = b - 1)
}
write_reference("repeated_scores.csv", "lme4", "lmerTest", "pbkrtest", "nlme")
