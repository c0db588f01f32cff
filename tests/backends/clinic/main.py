from clinic.application import create_application
from clinic.config import configuration

application = create_application(configuration)
