"""Tell doctors of reports that have been unsigned for too long."""

from shared.web.triggers import on_schedule
from shared.workflows.reports import reminding

main = on_schedule(reminding.remind)
