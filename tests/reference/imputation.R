# What one chained-equation draw must look like, by lm and glm, and a whole mice run. Run in this folder: Rscript imputation.R
suppressMessages(library(mice))
source("writing.R")

scatter <- function(i, a) { s <- 1000 * sin(i * a); s - floor(s) }
n <- 240
i <- 1:n
arm <- i %% 2
site <- i %% 3
x <- qnorm(scatter(i, 1.37)) + .3 * arm
flag <- as.numeric(scatter(i, 2.11) < plogis(x))
y <- 2 + arm + 1.5 * x + .5 * flag + .4 * site + qnorm(scatter(i, .73))
no_y <- scatter(i, 3.3) < .25 + .2 * (x > 0)
no_flag <- scatter(i, 5.7) < .2

for (a in 0:1) {
  here <- arm == a
  people <- data.frame(y, x, flag, site = factor(site))[here, ]
  fit <- lm(y ~ x + flag + site, people[!no_y[here], ])
  said <- predict(fit, people[no_y[here], ], se.fit = TRUE)
  df <- fit$df.residual
  keep("number", "mean", said$fit, arm = which(here & no_y) - 1)
  keep("number", "variance", (said$se.fit^2 + said$residual.scale^2) * df / (df - 2), arm = which(here & no_y) - 1)
  fit <- glm(flag ~ y + x + site, binomial, people[!no_flag[here], ], control = list(epsilon = 1e-14))
  said <- predict(fit, people[no_flag[here], ], se.fit = TRUE)
  chance <- mapply(function(m, s) integrate(function(z) plogis(m + s * z) * dnorm(z), -9, 9, rel.tol = 1e-10)$value, said$fit, said$se.fit)
  keep("flag", "mean", chance, arm = which(here & no_flag) - 1)
}

# both with gaps: pooled difference of arm means over 200 completed data sets
people <- data.frame(y = ifelse(no_y, NA, y), x, flag = factor(ifelse(no_flag, NA, flag)), site = factor(site))
for (way in c("norm", "pmm")) {
  draw <- function(a) mice(people[arm == a, ], m = 200, maxit = 4, method = c(way, "", "logreg", ""), printFlag = FALSE, seed = 7 + a)
  none <- draw(0); one <- draw(1)
  both <- sapply(1:200, function(k) {
    y0 <- complete(none, k)$y; y1 <- complete(one, k)$y
    c(mean(y1) - mean(y0), var(y1) / length(y1) + var(y0) / length(y0))
  })
  fit <- pool.scalar(both[1, ], both[2, ], n = n - 1, k = 1)
  for (value in c("qbar", "ubar", "b")) keep(way, value, fit[[value]])
}
write_reference("imputation.csv", "mice")
