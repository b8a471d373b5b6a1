# Log risk ratios with overlap weights taken as known, by survey::svyglm. Run in this folder: Rscript control_effects.R
suppressMessages(library(survey))
source("writing.R")

d <- read.csv("propensity.csv", comment.char = "#")
d$overlap <- ifelse(d$two == 1, 1 - d$glm_site, d$glm_site)
d$better <- d$better
d$much <- ifelse(d$observed == 1, as.integer(d$change > 3), NA)
design <- svydesign(ids = ~1, weights = ~overlap, data = d)
for (name in c("better", "much")) {
  here <- subset(design, !is.na(d[[name]]))
  fit <- svyglm(as.formula(paste(name, "~ two")), here, family = quasipoisson(), control = glm.control(epsilon = 1e-14, maxit = 100))
  keep(name, "log_ratio", coef(fit)[["two"]])
  keep(name, "se", SE(fit)[["two"]])
  known <- d[!is.na(d[[name]]), ]
  keep(name, "crude", log(mean(known[known$two == 1, name]) / mean(known[known$two == 0, name])))
}
write_reference("control_effects.csv", "survey")
