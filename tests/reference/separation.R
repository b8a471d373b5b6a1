# Writes separation.csv: small programs, whether lpSolve finds a direction that separates their arms, and glm's fitted
# chances where it finds none (0 otherwise).
library(lpSolve)
set.seed(20261130)
separated <- function(x, arm) {  # Konis (2007): push everybody's own arm as far ahead as a unit box allows
  ahead <- (2 * arm - 1) * cbind(1, x)
  q <- ncol(ahead)
  found <- lp("max", c(colSums(ahead), -colSums(ahead)), rbind(cbind(ahead, -ahead), diag(2 * q)),
              rep(c(">=", "<="), c(nrow(ahead), 2 * q)), rep(c(0, 1), c(nrow(ahead), 2 * q)))
  found$objval > 1e-7
}
drawn <- function(case) {
  n <- sample(10:30, 1)
  x <- cbind(x1 = round(rnorm(n), 2), x2 = rbinom(n, 1, 0.4))
  data.frame(case, x, arm = as.integer(runif(n) < plogis(2.5 * x[, 1] + 1.5 * (case %% 3) * (x[, 2] - 0.5))))
}
told <- function(one) {
  one$separated <- as.integer(separated(as.matrix(one[c("x1", "x2")]), one$arm))
  exact <- glm.control(epsilon = 1e-14, maxit = 100)
  one$chance <- if (one$separated[1]) 0 else fitted(glm(arm ~ x1 + x2, binomial, one, control = exact))
  one
}
every <- Filter(function(one) length(unique(one$arm)) == 2 && qr(cbind(1, one$x1, one$x2))$rank == 3, lapply(1:30, drawn))
out <- do.call(rbind, lapply(every, told))
path <- "tests/reference/separation.csv"
writeLines(sprintf("# %s, lpSolve %s", R.version.string, packageVersion("lpSolve")), path)
suppressWarnings(write.table(format(out, digits = 12, trim = TRUE), path, append = TRUE, sep = ",", row.names = FALSE, quote = FALSE))
cat(tapply(out$separated, out$case, mean), "\n")
