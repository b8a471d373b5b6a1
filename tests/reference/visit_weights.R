# Intensity of being assessed by survival, and a weighted line by least squares with a sandwich. Rscript visit_weights.R
suppressMessages({library(survival); library(sandwich)})
source("writing.R")

set.seed(4)
made <- do.call(rbind, lapply(1:30, function(id) {
  arm <- id %% 2
  day <- 0; score <- round(rnorm(1, 15, 4), 1); out <- NULL
  while (day < 90) {
    wait <- ceiling(rexp(1, exp(-3 + .08 * (score - 15) + .4 * arm)))
    end <- min(day + wait, 90)
    seen <- day + wait <= 90
    after <- round(score - .05 * (end - day) + rnorm(1, 0, 2), 1)
    out <- rbind(out, data.frame(id, arm, entry = day, day = end, seen = as.numeric(seen), before = score, score = after))
    day <- end; score <- after
  }
  out
}))
for (i in seq_len(nrow(made))) for (name in names(made)) keep("people", name, made[i, name], day = i)
full <- coxph(Surv(entry, day, seen) ~ before + arm + cluster(id), made, ties = "breslow")
part <- coxph(Surv(entry, day, seen) ~ arm, made, ties = "breslow")
for (j in 1:2) { keep("intensity", "coefficient", coef(full)[j], arm = j - 1); keep("intensity", "se", sqrt(vcov(full)[j, j]), arm = j - 1) }
w <- exp(coef(part) * made$arm - as.matrix(made[, c("before", "arm")]) %*% coef(full))[made$seen == 1]
w <- w / mean(w)
for (i in seq_along(w)) keep("weights", "weight", w[i], day = i)
line <- lm(score ~ day * arm, made[made$seen == 1, ], weights = w)
v <- vcovCL(line, cluster = made$id[made$seen == 1], type = "HC0", cadjust = TRUE)
for (j in 1:4) { keep("line", "coefficient", coef(line)[j], arm = j - 1); keep("line", "se", sqrt(v[j, j]), arm = j - 1) }
write_reference("visit_weights.csv", "survival", "sandwich")
