"""May the fit be believed?"""
