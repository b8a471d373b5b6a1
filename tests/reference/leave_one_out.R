# Reference for leave_one_site_out: a slope without each site by lm, and a pooled estimate without each by metafor::leave1out.
# Run in this folder after wild_cluster.R: Rscript leave_one_out.R
source("writing.R")
suppressMessages(library(metafor))
people <- read.csv("wild_cluster_people.csv", comment.char = "#")
for (s in 1:5) keep("slope", "estimate", coef(lm(y ~ x + z, people, subset = site != s))["x"], arm = s)
effect <- c(.31, .12, -.42, .05, .22, .4); se <- c(.1, .2, .15, .11, .3, .18)
without <- leave1out(rma(effect, sei = se, method = "REML", control = list(threshold = 1e-14, maxiter = 10000)))
for (s in 1:6) keep("pooled", "estimate", without$estimate[s], arm = s)
write_reference("leave_one_out.csv", "metafor")
