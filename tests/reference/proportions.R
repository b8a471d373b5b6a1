# Shares and their difference, chart and funnel pieces, and sample sizes from base R. Run in this folder: Rscript proportions.R
source("writing.R")

for (x in list(c(0, 7), c(3, 11), c(7, 7), c(81, 263), c(108605, 399037)))
  for (end in 1:2) keep(paste(x, collapse = "/"), "wilson", prop.test(x[1], x[2], correct = FALSE)$conf.int[end], arm = end - 1)

score <- function(x, n) prop.test(x, n, correct = FALSE)$conf.int
for (x in list(c(56, 70, 48, 80), c(0, 10, 3, 12), c(9, 10, 3, 10), c(26561, 114440, 108605, 399037))) {
  case <- paste(x, collapse = "/")
  one <- score(x[1], x[2]); none <- score(x[3], x[4]); p <- c(x[1] / x[2], x[3] / x[4])
  keep(case, "newcombe", p[1] - p[2] - sqrt((p[1] - one[1])^2 + (none[2] - p[2])^2), arm = 0)
  keep(case, "newcombe", p[1] - p[2] + sqrt((one[2] - p[1])^2 + (p[2] - none[1])^2), arm = 1)
  keep(case, "p", suppressWarnings(prop.test(x[c(1, 3)], x[c(2, 4)], correct = FALSE)$p.value))
}
for (x in list(c(0, 120), c(1, 30), c(7, 41), c(29, 30), c(30, 30), c(3, 4000))) for (end in 1:2) {
  side <- if (x[1] == 0) "less" else if (x[1] == x[2]) "greater" else "two.sided"
  keep(paste(x, collapse = "/"), "exact", binom.test(x[1], x[2], alternative = side)$conf.int[end], arm = end - 1)
}
for (n in c(2, 5, 10, 12, 20, 24, 37, 60, 100)) keep(paste(n), "crossings_needed", qbinom(.05, n - 1, .5))
for (n in c(2, 5, 10, 12, 20, 24, 37, 60, 100)) keep(paste(n), "longest_allowed", round(log2(n)) + 3)

sites <- data.frame(x = c(30, 45, 12, 60, 25, 80, 15, 22, 41, 9, 33, 52), n = c(100, 120, 60, 150, 110, 160, 70, 50, 90, 44, 71, 130))
theta <- sum(sites$x) / sum(sites$n)
s <- sqrt(theta * (1 - theta) / sites$n)
z <- (sites$x / sites$n - theta) / s
ends <- quantile(z, c(.1, .9), type = 7)
z <- pmin(pmax(z, ends[1]), ends[2])
w <- 1 / s^2
tau2 <- max(0, (sum(z^2) - (nrow(sites) - 1)) / (sum(w) - sum(w^2) / sum(w)))
keep("twelve sites", "phi", mean(z^2))
keep("twelve sites", "tau", sqrt(tau2))
for (i in seq_len(nrow(sites))) keep("twelve sites", "lower_998", theta - 3.090232 * sqrt(s[i]^2 + tau2), arm = i - 1)

keep("80", "required_n", 2 * (6 * (qnorm(.975) + qnorm(.8)))^2)
keep("90", "required_n", 2 * (6 * (qnorm(.975) + qnorm(.9)))^2)
write_reference("proportions.csv")
