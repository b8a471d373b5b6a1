# Effects by stratum, their interaction, and a curve over severity. Run in this folder: Rscript heterogeneity.R
# Reads propensity.csv: x1 is the severity; strata are thirds of x1; two arms; sites 0 to 7.
suppressMessages({library(survey); library(splines)})
source("writing.R")
d <- read.csv("propensity.csv", comment.char = "#")
d$stratum <- factor(ifelse(d$x1 < -0.5, 0, ifelse(d$x1 < 0.5, 1, 2)))

# Saturated models leave nothing to adjust: effects are differences of weighted means within strata.
design <- svydesign(ids = ~site, weights = ~weight, data = d)
cells <- svyglm(change ~ 0 + stratum + stratum:two, design)
own <- grep(":two", names(coef(cells)))
for (s in seq_along(own)) {
  keep("saturated", "effect", coef(cells)[own[s]], arm = s - 1)
  keep("saturated", "se", SE(cells)[own[s]], arm = s - 1)
}
apart <- svyglm(change ~ stratum * two, design)
test <- regTermTest(apart, ~stratum:two, method = "Wald", df = 100)
keep("saturated", "wald", test$Ftest * test$df)

# The curve: glm and lm in each arm, a pseudo-outcome for everybody, weighted least squares on a natural spline.
knots <- quantile(d$x1, c(.05, .35, .65, .95), names = FALSE)
spline <- function(x) ns(x, knots = knots[2:3], Boundary.knots = knots[c(1, 4)])
d[, paste0("b", 1:3)] <- spline(d$x1)
d$two <- as.integer(d$two); d$site <- factor(d$site)
exact <- glm.control(epsilon = 1e-14, maxit = 100)
terms <- "x2 + x3 + x4 + b1 + b2 + b3 + site"
at <- c(-1, 0, 0.7, 1.5)
fitted_curve <- function(d) {
  e <- fitted(glm(as.formula(paste("two ~", terms)), binomial, d, control = exact))
  seen <- d$observed == 1
  pi <- rep(NA, nrow(d)); m <- matrix(NA, nrow(d), 2)
  see <- glm(as.formula(paste("observed ~ two +", terms)), binomial, d, control = exact)
  pi <- fitted(see)
  for (a in 0:1) m[, a + 1] <- predict(lm(as.formula(paste("change ~", terms)), d[seen & d$two == a, ]), d)
  h <- e * (1 - e)
  w <- ifelse(d$two == 1, 1 - e, e) * seen / pi
  effect <- h * (m[, 2] - m[, 1])
  for (a in 0:1) {
    here <- which(seen & d$two == a)
    c_a <- sum(h) / sum(w[here])
    effect[here] <- effect[here] + (2 * a - 1) * c_a * w[here] * (d$change[here] - m[here, a + 1])
  }
  d$effect <- effect / h; d$h <- h
  fit <- lm(effect ~ b1 + b2 + b3, d, weights = h)
  c(as.numeric(cbind(1, spline(at)) %*% coef(fit)), sum(effect) / sum(h))
}
whole <- fitted_curve(d)
parts <- t(sapply(levels(d$site), function(s) fitted_curve(droplevels(d[d$site != s, ]))))
spread <- sweep(parts, 2, colMeans(parts))
covariance <- 7 / 8 * t(spread) %*% spread
for (i in seq_along(at)) { keep("curve", "effect", whole[i], day = at[i]); keep("curve", "se", sqrt(covariance[i, i]), day = at[i]) }
keep("curve", "overall", whole[5])
write_reference("heterogeneity.csv", "survey")
